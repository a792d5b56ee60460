# Stand-in migration: bin/rails runs the SQL blocks below, in order. This half is committed, and older code breaks...
class RemoveUriFromAccounts < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE accounts DROP COLUMN uri;
    SQL
  end
end
