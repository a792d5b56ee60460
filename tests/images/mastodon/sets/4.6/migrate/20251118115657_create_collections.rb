# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateCollections < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE collections (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        name varchar NOT NULL
      );
    SQL
  end
end
