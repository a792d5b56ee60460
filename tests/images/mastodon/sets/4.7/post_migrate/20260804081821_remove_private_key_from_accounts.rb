# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older than the newest regular one: MAX(version) lies while it is pending.
class RemovePrivateKeyFromAccounts < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE accounts DROP COLUMN private_key;
    SQL
  end
end
