# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older code can no longer post from here on.
class RemoveOtpSecretFromUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users DROP COLUMN otp_secret;
    SQL
  end
end
