# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older code breaks from here on.
class RemoveLegacyThingColumnsFromSettings < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE settings DROP COLUMN thing_type, DROP COLUMN thing_id;
    SQL
  end
end
