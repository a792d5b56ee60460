# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddOtpSecretToUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE users ADD COLUMN otp_secret varchar;
    SQL
    execute <<~DATA
      UPDATE users SET otp_secret = encrypted_otp_secret WHERE otp_secret IS NULL;
    DATA
  end
end
