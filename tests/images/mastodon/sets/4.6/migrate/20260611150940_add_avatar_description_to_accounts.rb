# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddAvatarDescriptionToAccounts < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE accounts ADD COLUMN avatar_description varchar NOT NULL DEFAULT '';
    SQL
  end
end
