# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddReplyCountToAccountStats < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE account_stats ADD COLUMN replies_count bigint NOT NULL DEFAULT 0;
    SQL
  end
end
