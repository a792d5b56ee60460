# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddDisabledToUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users ADD COLUMN disabled boolean NOT NULL DEFAULT false;
    SQL
  end
end
