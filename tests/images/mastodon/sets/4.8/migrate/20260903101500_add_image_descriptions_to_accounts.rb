# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddImageDescriptionsToAccounts < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE accounts ADD COLUMN image_descriptions jsonb NOT NULL DEFAULT '{}';
    SQL
    execute <<~DATA
      UPDATE accounts SET image_descriptions = jsonb_build_object('avatar', avatar_description)
        WHERE avatar_description <> '';
    DATA
  end
end
