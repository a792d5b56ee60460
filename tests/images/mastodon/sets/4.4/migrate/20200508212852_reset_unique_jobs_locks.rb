# Stand-in migration: bin/rails runs the SQL blocks below, in order. The real one of that day touches Redis only.
class ResetUniqueJobsLocks < ActiveRecord::Migration[8.0]
  def up
    execute <<~DATA
      SELECT 1;
    DATA
  end
end
