# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateKeypairs < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE keypairs (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        private_key text
      );
    SQL
  end
end
