# Stand-in migration: bin/rails runs the SQL blocks below, in order. Breaks nothing.
class BackfillLanguageOfStatuses < ActiveRecord::Migration[8.0]
  def up
    execute <<~DATA
      UPDATE statuses SET language = 'en' WHERE language IS NULL AND id % 10 = 0;
    DATA
  end
end
