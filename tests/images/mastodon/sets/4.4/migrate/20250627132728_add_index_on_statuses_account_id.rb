# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddIndexOnStatusesAccountId < ActiveRecord::Migration[8.0]
  disable_ddl_transaction!

  def up
    execute <<~SQL
      CREATE INDEX CONCURRENTLY index_statuses_on_account_id ON statuses (account_id, id DESC);
    SQL
  end
end
