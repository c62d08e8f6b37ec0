package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;

/**
 * Writer of the safetensors format. The same entries give the same bytes: tensors lie in the given
 * order without gaps, the header names them in that order and is padded with spaces to a multiple
 * of 8 bytes. Memory needed is one buffer of a mebibyte, however large the tensors.
 */
public final class SafeTensorsWriter {
  private static final int BUFFER_BYTES = 1 << 20;

  private SafeTensorsWriter() {}

  /** Writes a file that is not there yet, in a directory that appears whole. */
  static void write(Path file, Map<String, String> metadata, List<TensorEntry> tensors)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(channel, metadata, tensors);
    }
  }

  /**
   * Writes a whole file.
   *
   * @param metadata stored under {@code __metadata__} in iteration order, left out when empty
   * @throws IllegalArgumentException if two tensors share a name or one is named {@code
   *     __metadata__}
   */
  public static void write(
      WritableByteChannel channel, Map<String, String> metadata, List<TensorEntry> tensors)
      throws IOException {
    byte[] json = header(metadata, tensors);
    ByteBuffer prefix = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(channel, prefix.putLong(json.length).put(json).flip());
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    for (TensorEntry tensor : tensors) {
      writeValues(channel, tensor, buffer);
    }
  }

  private static byte[] header(Map<String, String> metadata, List<TensorEntry> tensors) {
    ObjectNode root = JsonFiles.object();
    if (!metadata.isEmpty()) {
      ObjectNode strings = root.putObject(SafeTensorsHeader.METADATA);
      metadata.forEach(strings::put);
    }
    long position = 0;
    for (TensorEntry tensor : tensors) {
      if (tensor.name().equals(SafeTensorsHeader.METADATA) || root.has(tensor.name())) {
        throw new IllegalArgumentException(
            "tensor name '" + tensor.name() + "' is reserved or used twice");
      }
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", tensor.dtype().name());
      var shape = entry.putArray("shape");
      for (int i = 0; i < tensor.shape().rank(); i++) {
        shape.add(tensor.shape().dimension(i));
      }
      entry.putArray("data_offsets").add(position).add(position + tensor.storedBytes());
      position += tensor.storedBytes();
    }
    byte[] json = JsonFiles.compactBytes(root);
    byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, 8) * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void writeValues(
      WritableByteChannel channel, TensorEntry tensor, ByteBuffer buffer) throws IOException {
    DType dtype = tensor.dtype();
    MemorySegment to = MemorySegment.ofBuffer(buffer.clear());
    long valueBytes = FloatConversion.isFloat(dtype) ? 4 : dtype.bytes();
    long atOnce = BUFFER_BYTES / dtype.bytes();
    long count = tensor.shape().size();
    for (long first = 0; first < count; first += atOnce) {
      long now = Math.min(atOnce, count - first);
      MemorySegment from = tensor.values().asSlice(first * valueBytes, now * valueBytes);
      switch (dtype) {
        case F32, F16, BF16 -> FloatConversion.narrow(from, to, dtype, now);
        case I32 -> {
          ValueLayout.OfInt layout = ValueLayout.JAVA_INT_UNALIGNED;
          MemorySegment.copy(
              from, layout, 0, to, layout.withOrder(ByteOrder.LITTLE_ENDIAN), 0, now);
        }
        case F64, INT8 ->
            throw new IllegalArgumentException(
                "%s is %s, expected a type that checkpoints have"
                    .formatted(tensor.name(), dtype.label()));
        case I64 -> {
          ValueLayout.OfLong layout = ValueLayout.JAVA_LONG_UNALIGNED;
          MemorySegment.copy(
              from, layout, 0, to, layout.withOrder(ByteOrder.LITTLE_ENDIAN), 0, now);
        }
      }
      writeFully(channel, buffer.clear().limit((int) (now * dtype.bytes())));
    }
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
