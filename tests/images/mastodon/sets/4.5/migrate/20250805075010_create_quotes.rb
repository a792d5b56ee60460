# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateQuotes < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE quotes (
        id bigserial PRIMARY KEY,
        status_id bigint NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
        quoted_status_id bigint REFERENCES statuses (id) ON DELETE SET NULL,
        state integer NOT NULL DEFAULT 0
      );
    SQL
  end
end
