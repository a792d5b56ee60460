# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddIndexOnKeypairsAccountId < ActiveRecord::Migration[8.0]
  disable_ddl_transaction!

  def up
    execute <<~SQL
      CREATE UNIQUE INDEX CONCURRENTLY index_keypairs_on_account_id ON keypairs (account_id);
    SQL
  end
end
