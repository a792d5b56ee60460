# Stand-in migration: bin/rails runs the SQL blocks below, in order. ... and this one never is.
class RaiseInTheOtherHalf < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE half_changes ADD COLUMN other_half varchar;
    SQL
    execute <<~DATA
      DO $$ BEGIN RAISE EXCEPTION 'stand-in: this migration always fails'; END $$;
    DATA
  end
end
