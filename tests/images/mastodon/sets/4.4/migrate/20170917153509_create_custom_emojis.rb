# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateCustomEmojis < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE custom_emojis (
        id bigserial PRIMARY KEY,
        shortcode varchar NOT NULL DEFAULT '',
        domain varchar
      );
    SQL
  end
end
