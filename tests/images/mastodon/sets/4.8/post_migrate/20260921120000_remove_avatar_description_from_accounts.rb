# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older code breaks from here on.
class RemoveAvatarDescriptionFromAccounts < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE accounts DROP COLUMN avatar_description;
    SQL
  end
end
