# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateAccounts < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE accounts (
        id bigserial PRIMARY KEY,
        username varchar NOT NULL DEFAULT '',
        domain varchar,
        private_key text,
        public_key text NOT NULL DEFAULT '',
        created_at timestamp NOT NULL DEFAULT now(),
        updated_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
