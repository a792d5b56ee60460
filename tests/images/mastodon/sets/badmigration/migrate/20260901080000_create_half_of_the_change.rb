# Stand-in migration: bin/rails runs the SQL blocks below, in order. This half is committed...
class CreateHalfOfTheChange < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE half_changes (id bigserial PRIMARY KEY);
    SQL
  end
end
