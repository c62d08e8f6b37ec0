package org.mirror4j.train;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SequencedMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.MaskedChecksum;
import org.mirror4j.file.ProtobufWriter;

/**
 * {@code events.out.tfevents.*}: the steps of a run as TensorBoard reads them, in records
 * (TFRecord, record_writer.h of TensorFlow), whatever is more than a byte with the lowest one
 * first:
 *
 * <pre>
 *   length u64, checksum u32 of these 8 bytes, event byte[length], checksum u32 of the event
 * </pre>
 *
 * each checksum a {@link MaskedChecksum}; an event is a protobuf message (event.proto,
 * summary.proto there), the first one of the file its version, the second the start of a session,
 * from which on earlier files of the folder count no more; then a scalar each.
 *
 * <p>A run that goes on writes another file. Times are those of the clock, so no two files are
 * alike although the runs are.
 */
final class EventFile implements AutoCloseable {
  /** Of an Event. */
  private static final int WALL_TIME = 1, STEP = 2, FILE_VERSION = 3, SUMMARY = 5, SESSION = 7;

  /** Of a Summary, and of a Value in it. */
  private static final int VALUE = 1, TAG = 1, SIMPLE_VALUE = 2;

  /** Of a SessionLog, and its value for a start. */
  private static final int STATUS = 1, START = 1;

  private static final String VERSION = "brain.Event:2";

  private final Path path;
  private final FileChannel channel;

  private EventFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * A new file.
   *
   * @param folder is made where it is not there; files in it stay
   * @param firstStep the first that will be appended; 0 for what is known before the first
   * @throws FileException if it cannot be written
   */
  static EventFile create(Path folder, int firstStep) {
    try {
      Files.createDirectories(folder);
      EventFile file = free(folder);
      file.append(event().text(FILE_VERSION, VERSION));
      file.append(
          event()
              .number(STEP, firstStep)
              .message(SESSION, new ProtobufWriter().number(STATUS, START)));
      return file;
    } catch (IOException e) {
      throw FileException.of(folder, e);
    }
  }

  /** Readers take the files of a folder in the order of their names, which begin with the time. */
  private static EventFile free(Path folder) throws IOException {
    long seconds = System.currentTimeMillis() / 1000;
    for (int number = 0; ; number++) {
      Path path =
          folder.resolve("events.out.tfevents.%010d.mirror4j.%d".formatted(seconds, number));
      try {
        return new EventFile(
            path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND));
      } catch (FileAlreadyExistsException e) {
        // Another run began in this second.
      }
    }
  }

  /** A step, as {@code train.jsonl} has it but for its size and seconds. */
  void append(StepRecord step) {
    scalar(step.step(), "loss", step.loss().total());
    scalars(step.step(), "losses/", step.loss().parts());
    scalar(step.step(), "learningRate", step.learningRate());
    scalar(step.step(), step.unit() + "PerSecond", step.perSecond());
    step.heldOut().ifPresent(heldOut -> append(step.step(), heldOut));
  }

  /** What held-out data gave after a step, 0 before the first. */
  void append(int step, TrainingTask.HeldOut heldOut) {
    switch (heldOut) {
      case TrainingTask.Loss loss -> {
        scalar(step, "heldOutLoss", loss.total());
        scalars(step, "heldOutLosses/", loss.parts());
      }
      case TrainingTask.Scores scores -> scalars(step, "scores/", scores.values());
    }
  }

  private void scalars(int step, String folder, SequencedMap<String, Double> values) {
    values.forEach((name, value) -> scalar(step, folder + name, value));
  }

  private void scalar(int step, String tag, double value) {
    ProtobufWriter scalar = new ProtobufWriter().text(TAG, tag).real(SIMPLE_VALUE, (float) value);
    append(
        event().number(STEP, step).message(SUMMARY, new ProtobufWriter().message(VALUE, scalar)));
  }

  private static ProtobufWriter event() {
    return new ProtobufWriter().real64(WALL_TIME, System.currentTimeMillis() * 1e-3);
  }

  /** Appends a record, which outlives this process. */
  private void append(ProtobufWriter event) {
    byte[] data = event.toByteArray();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + data.length + 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(data.length);
    record
        .putInt(checksum(record.array(), Long.BYTES))
        .put(data)
        .putInt(checksum(data, data.length))
        .flip();
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  private static int checksum(byte[] bytes, int length) {
    return MaskedChecksum.of(MemorySegment.ofArray(bytes).asSlice(0, length));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }
}
