# Stand-in migration: bin/rails runs the SQL blocks below, in order. ... and this one never is.
class RaiseAfterDeployment < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE half_posts (id bigserial PRIMARY KEY);
    SQL
    execute <<~DATA
      DO $$ BEGIN RAISE EXCEPTION 'stand-in: this migration always fails'; END $$;
    DATA
  end
end
