# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateTombstones < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE tombstones (
        id bigserial PRIMARY KEY,
        account_id bigint REFERENCES accounts (id) ON DELETE CASCADE,
        uri varchar NOT NULL
      );
    SQL
  end
end
