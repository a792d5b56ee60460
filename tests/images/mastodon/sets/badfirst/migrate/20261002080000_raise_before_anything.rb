# Stand-in migration: bin/rails runs the SQL blocks below, in order. Rolled back: nothing has changed.
class RaiseBeforeAnything < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE first_halves (id bigserial PRIMARY KEY);
    SQL
    execute <<~DATA
      DO $$ BEGIN RAISE EXCEPTION 'stand-in: this migration always fails'; END $$;
    DATA
  end
end
