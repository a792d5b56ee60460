# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateSettings < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE settings (
        id bigserial PRIMARY KEY,
        var varchar NOT NULL,
        value text,
        thing_type varchar,
        thing_id bigint
      );
    SQL
  end
end
