package org.mirror4j.checkpoint;

import static org.mirror4j.checkpoint.CheckpointException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * Reader of the safetensors format: {@code u64 n (little-endian); n bytes of JSON; raw data}. Files
 * are mapped into memory, so opening reads the header alone and a tensor is paged in when it is
 * read. The whole header is checked on opening ({@link SafeTensorsHeader}).
 *
 * <p>f32, f16, bf16, i32 and i64 are understood; a tensor of another type is listed and fails only
 * when it is asked for. May be read by several threads at once.
 */
public final class SafeTensors implements TensorSource {
  /** Longest header that is read, as in the reference implementation. */
  public static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private record Stored(String file, String dtype, Shape shape, MemorySegment data) {}

  private final String source;
  private final Arena arena;
  private final Map<String, Stored> tensors;
  private final Map<String, String> metadata;

  private SafeTensors(
      String source, Arena arena, Map<String, Stored> tensors, Map<String, String> metadata) {
    this.source = source;
    this.arena = arena;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Opens one file.
   *
   * @throws CheckpointException if it cannot be read or breaks the format
   */
  public static SafeTensors open(Path file) {
    Arena arena = Arena.ofShared();
    try {
      Map<String, String> metadata = new LinkedHashMap<>();
      return new SafeTensors(file.toString(), arena, map(file, arena, metadata), metadata);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Opens the files that an index ({@code model.safetensors.index.json}) names. They must lie
   * beside it and hold exactly the tensors that the index places in each.
   *
   * @throws CheckpointException if index or files break the format or disagree
   */
  public static SafeTensors openSharded(Path index) {
    JsonNode weightMap = JsonFiles.readObject(index).path("weight_map");
    if (!(weightMap instanceof ObjectNode places)) {
      throw new CheckpointException(index + ": no object 'weight_map', expected tensor to file");
    }
    Arena arena = Arena.ofShared();
    try {
      Map<String, Map<String, Stored>> shards = new HashMap<>();
      Map<String, String> metadata = new LinkedHashMap<>();
      Map<String, Stored> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> place : places.properties()) {
        String shardName = shardName(index, place.getKey(), place.getValue());
        Path shard = index.resolveSibling(shardName);
        Stored tensor =
            shards
                .computeIfAbsent(shardName, name -> map(shard, arena, metadata))
                .get(place.getKey());
        if (tensor == null) {
          throw new CheckpointException(
              "%s: no tensor %s, though %s places it there"
                  .formatted(shard, quote(place.getKey()), index.getFileName()));
        }
        tensors.put(place.getKey(), tensor);
      }
      checkNoOthers(index, shards, tensors);
      return new SafeTensors(index.toString(), arena, tensors, metadata);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static String shardName(Path index, String tensor, JsonNode file) {
    String name = file.isTextual() ? file.textValue() : "";
    // Only plain names: a path could lead out of the directory.
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*")) {
      throw new CheckpointException(
          "%s: tensor %s is in %s, expected the plain name of a file beside the index"
              .formatted(index, quote(tensor), CheckpointException.clean(file.toString())));
    }
    return name;
  }

  private static void checkNoOthers(
      Path index, Map<String, Map<String, Stored>> shards, Map<String, Stored> tensors) {
    for (Map<String, Stored> shard : shards.values()) {
      for (Map.Entry<String, Stored> entry : shard.entrySet()) {
        if (tensors.get(entry.getKey()) != entry.getValue()) {
          throw new CheckpointException(
              "%s: holds tensor %s, which %s does not place there"
                  .formatted(entry.getValue().file(), quote(entry.getKey()), index.getFileName()));
        }
      }
    }
  }

  private static Map<String, Stored> map(Path file, Arena arena, Map<String, String> metadata) {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + ": no such file, expected a safetensors file");
    }
    MemorySegment mapped;
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() < 8) {
        throw new CheckpointException(
            file + ": " + channel.size() + " bytes, expected a safetensors file of 8 or more");
      }
      mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
    long headerBytes = mapped.get(LONG, 0);
    long most = Math.min(MAX_HEADER_BYTES, mapped.byteSize() - 8);
    if (headerBytes < 0 || headerBytes > most) {
      throw new CheckpointException(
          "%s: header length is %s, expected at most %d: not a safetensors file, or cut short"
              .formatted(file, Long.toUnsignedString(headerBytes), most));
    }
    byte[] json = mapped.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = mapped.asSlice(8 + headerBytes);
    SafeTensorsHeader header = SafeTensorsHeader.parse(json, file.toString(), data.byteSize());
    metadata.putAll(header.metadata());
    Map<String, Stored> tensors = new LinkedHashMap<>();
    header
        .tensors()
        .forEach(
            (name, entry) ->
                tensors.put(
                    name,
                    new Stored(
                        file.toString(),
                        entry.dtype(),
                        entry.shape(),
                        data.asSlice(entry.begin(), entry.end() - entry.begin()))));
    return tensors;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  /** The strings under {@code __metadata__}; of several files together where there are several. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The element type of a tensor.
   *
   * @throws CheckpointException if there is no such tensor or its type is none of {@link DType}, or
   *     F64
   */
  public DType dtype(String name) {
    Stored tensor = tensor(name);
    for (DType dtype : DType.values()) {
      if (dtype != DType.F64 && dtype.name().equals(tensor.dtype())) {
        return dtype;
      }
    }
    throw new CheckpointException(
        "%s: tensor %s has elements %s, expected F32, F16, BF16, I32 or I64"
            .formatted(tensor.file(), quote(name), quote(tensor.dtype())));
  }

  @Override
  public Shape shape(String name) {
    return tensor(name).shape();
  }

  @Override
  public void readFloats(String name, MemorySegment to) {
    Stored tensor = tensor(name);
    DType dtype = dtype(name);
    if (!FloatConversion.isFloat(dtype)) {
      throw new CheckpointException(
          "%s: tensor %s has elements %s, expected F32, F16 or BF16"
              .formatted(tensor.file(), quote(name), dtype));
    }
    long count = tensor.shape().size();
    if (to.byteSize() != 4 * count) {
      throw new IllegalArgumentException(
          "tensor %s is %s, needs %d bytes, was given %d"
              .formatted(quote(name), tensor.shape(), 4 * count, to.byteSize()));
    }
    FloatConversion.widen(tensor.data(), dtype, to, count);
  }

  /**
   * The raw bytes of a tensor, little-endian, of any type; read-only, at any alignment, gone when
   * this is closed.
   *
   * @throws CheckpointException if there is no such tensor
   */
  public MemorySegment data(String name) {
    return tensor(name).data();
  }

  private Stored tensor(String name) {
    Stored tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException(source + ": no tensor " + quote(name));
    }
    return tensor;
  }

  @Override
  public void close() {
    arena.close();
  }
}
