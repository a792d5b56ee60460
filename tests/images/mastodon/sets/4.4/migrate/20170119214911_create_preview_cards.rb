# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreatePreviewCards < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE preview_cards (
        id bigserial PRIMARY KEY,
        url varchar NOT NULL UNIQUE,
        title varchar NOT NULL DEFAULT '',
        image_file_name varchar,
        created_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
