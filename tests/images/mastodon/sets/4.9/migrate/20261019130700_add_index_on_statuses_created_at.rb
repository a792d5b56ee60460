# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddIndexOnStatusesCreatedAt < ActiveRecord::Migration[8.0]
  disable_ddl_transaction!

  def up
    execute <<~SQL
      CREATE INDEX CONCURRENTLY index_statuses_on_created_at ON statuses (created_at);
    SQL
  end
end
