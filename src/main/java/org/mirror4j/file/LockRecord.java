package org.mirror4j.file;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Content of a lock file: who holds it, and the token in the names of all that it makes on the way.
 * So what a dead holder has left is known for certain, and nothing else is touched.
 *
 * @param pid id of its process
 * @param command what it was started with
 * @param since local time at which it took the lock
 * @param token 16 hexadecimal digits, drawn anew for each lock
 */
record LockRecord(long pid, String command, String since, String token) {
  private static final String MARK = "mirror4j";
  private static final String KIND = "lock of an output";
  private static final int LONGEST = 4096;
  private static final int LONGEST_COMMAND = 100;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Of this process, now. */
  static LockRecord fresh() {
    String now =
        LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT));
    return new LockRecord(ProcessHandle.current().pid(), commandLine(), now, token16());
  }

  private static String token16() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String commandLine() {
    String started = System.getProperty("sun.java.command", "java");
    String command =
        FileException.clean(started.replaceFirst("^org\\.mirror4j\\.cli\\.Main\\b", MARK));
    return command.length() <= LONGEST_COMMAND
        ? command
        : command.substring(0, LONGEST_COMMAND - 3) + "...";
  }

  byte[] bytes() {
    ObjectNode json = JsonFiles.object().put(MARK, KIND);
    json.put("pid", pid).put("command", command).put("since", since).put("token", token);
    return JsonFiles.compactBytes(json);
  }

  /** What a lock file holds. */
  static byte[] read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(2 * LONGEST);
    int read = 0;
    while (buffer.hasRemaining() && read >= 0) {
      read = channel.read(buffer, buffer.position());
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** Puts this in place of what a lock file holds. */
  void write(FileChannel channel) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(bytes()), 0);
    // Before anything that the record names: also after a loss of power it is known whose that is.
    channel.force(true);
  }

  /** Empty if the bytes are no record. */
  static Optional<LockRecord> parse(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > LONGEST) {
      return Optional.empty();
    }
    try {
      JsonFields fields = new JsonFields(JsonFiles.parseObject(bytes, "lock"), "lock");
      LockRecord read =
          new LockRecord(
              fields.longInteger("pid"),
              FileException.clean(fields.string("command")),
              FileException.clean(fields.string("since")),
              fields.string("token"));
      return fields.string(MARK).equals(KIND) && read.token.matches("[0-9a-f]{16}")
          ? Optional.of(read)
          : Optional.empty();
    } catch (FileException e) {
      return Optional.empty(); // it is told as what it is: no record
    }
  }

  /** The holder, for a message. */
  String holder() {
    return "process %d (%s), since %s".formatted(pid, command, since);
  }
}
