# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older code breaks from here on.
class RemoveEncryptedOtpSecretFromUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users DROP COLUMN encrypted_otp_secret;
    SQL
  end
end
