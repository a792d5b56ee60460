# Stand-in migration: bin/rails runs the SQL blocks below, in order. Fails only where the data holds duplicates.
class AddUniqueIndexAccountsOnUsername < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE UNIQUE INDEX index_accounts_unique_username ON accounts (lower(username), coalesce(lower(domain), ''));
    SQL
  end
end
