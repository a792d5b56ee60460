# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateMediaAttachments < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE media_attachments (
        id bigserial PRIMARY KEY,
        status_id bigint REFERENCES statuses (id) ON DELETE SET NULL,
        account_id bigint REFERENCES accounts (id) ON DELETE CASCADE,
        file_file_name varchar,
        file_file_size integer,
        remote_url varchar NOT NULL DEFAULT '',
        created_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
