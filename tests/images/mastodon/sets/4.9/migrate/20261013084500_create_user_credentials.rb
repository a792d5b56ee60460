# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateUserCredentials < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE user_credentials (
        id bigserial PRIMARY KEY,
        user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        otp_secret varchar
      );
    SQL
    execute <<~DATA
      INSERT INTO user_credentials (user_id, otp_secret)
        SELECT id, otp_secret FROM users WHERE otp_secret IS NOT NULL;
    DATA
  end
end
