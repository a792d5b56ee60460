# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class RemoveActivityTypeOfNotifications < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE notifications DROP COLUMN activity_type;
    SQL
  end
end
