# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateUserRoles < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE user_roles (
        id bigserial PRIMARY KEY,
        name varchar NOT NULL DEFAULT '',
        permissions bigint NOT NULL DEFAULT 0
      );
      ALTER TABLE users ADD COLUMN role_id bigint REFERENCES user_roles (id) ON DELETE SET NULL;
    SQL
  end
end
