# Stand-in migration: bin/rails runs the SQL blocks below, in order. The oldest schema a zero-downtime upgrade to 4.4 to 4.6 may start from.
class AddSettingsToUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users ADD COLUMN settings text;
    SQL
  end
end
