# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddSignInColumnsToUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users
        ADD COLUMN encrypted_password varchar NOT NULL DEFAULT '',
        ADD COLUMN current_sign_in_at timestamp;
    SQL
  end
end
