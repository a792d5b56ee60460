# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddLanguageToStatuses < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE statuses ADD COLUMN language varchar;
    SQL
  end
end
