# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateTermsOfServices < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE terms_of_services (
        id bigserial PRIMARY KEY,
        text text NOT NULL DEFAULT '',
        published_at timestamp
      );
    SQL
  end
end
