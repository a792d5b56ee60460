# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddTwoFactorToUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users
        ADD COLUMN encrypted_otp_secret varchar,
        ADD COLUMN otp_required_for_login boolean NOT NULL DEFAULT false;
    SQL
  end
end
