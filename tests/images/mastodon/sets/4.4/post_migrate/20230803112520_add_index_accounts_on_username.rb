# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddIndexAccountsOnUsername < ActiveRecord::Migration[8.0]
  disable_ddl_transaction!

  def up
    execute <<~SQL
      CREATE INDEX CONCURRENTLY index_accounts_on_username ON accounts (lower(username), lower(domain));
    SQL
  end
end
