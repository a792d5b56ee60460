# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateNotifications < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE notifications (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        activity_type varchar NOT NULL,
        created_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
