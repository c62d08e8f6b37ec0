package org.mirror4j.checkpoint;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.PositionedFile;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * Reader of the safetensors format: {@code u64 n (little-endian); n bytes of JSON; raw data}.
 * Opening reads the header alone, which is checked whole ({@link SafeTensorsHeader}); a tensor is
 * read when it is asked for.
 *
 * <p>f32, f16, bf16, f64, i32 and i64 are understood; a tensor of another type is listed and fails
 * only when it is asked for. May be read by several threads at once.
 */
public final class SafeTensors implements TensorSource {
  /** Longest header that is read, as in the reference implementation. */
  public static final long MAX_HEADER_BYTES = 100_000_000;

  /** Most files of one index. */
  public static final int MAX_SHARDS = 1000;

  private static final String KIND = "a safetensors file";
  private static final int BUFFER_BYTES = 1 << 18;

  /** A file and what its header says. */
  private record Shard(PositionedFile file, SafeTensorsHeader header, long dataBegin) {}

  private record Stored(Shard shard, SafeTensorsHeader.Entry entry) {
    Path path() {
      return shard.file().path();
    }

    long bytes() {
      return entry.end() - entry.begin();
    }

    void read(long from, MemorySegment to) {
      shard.file().read(shard.dataBegin() + entry.begin() + from, to);
    }
  }

  private final Path source;
  private final List<Shard> shards;
  private final Map<String, Stored> tensors;

  private SafeTensors(Path source, List<Shard> shards, Map<String, Stored> tensors) {
    this.source = source;
    this.shards = shards;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Opens one file.
   *
   * @throws FileException if it cannot be read or breaks the format
   */
  public static SafeTensors open(Path file) {
    Shard shard = openShard(file);
    Map<String, Stored> tensors = new LinkedHashMap<>();
    shard.header().tensors().forEach((name, entry) -> tensors.put(name, new Stored(shard, entry)));
    return new SafeTensors(file, List.of(shard), tensors);
  }

  /**
   * Opens the files that an index ({@code model.safetensors.index.json}) names. They must lie
   * beside it and hold exactly the tensors that the index places in each.
   *
   * @throws FileException if index or files break the format or disagree
   */
  public static SafeTensors openSharded(Path index) {
    JsonNode weightMap = JsonFiles.readObject(index).path("weight_map");
    if (!(weightMap instanceof ObjectNode places)) {
      throw new FileException(index + ": no object 'weight_map', expected tensor to file");
    }
    Map<String, Shard> shards = new LinkedHashMap<>();
    try {
      Map<String, Stored> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> place : places.properties()) {
        String name = shardName(index, place.getKey(), place.getValue());
        Shard shard = shards.get(name);
        if (shard == null) {
          if (shards.size() == MAX_SHARDS) {
            throw new FileException(
                index + ": names more than " + MAX_SHARDS + " files, expected at most so many");
          }
          shard = openShard(index.resolveSibling(name));
          shards.put(name, shard);
        }
        SafeTensorsHeader.Entry entry = shard.header().tensors().get(place.getKey());
        if (entry == null) {
          throw new FileException(
              "%s: no tensor %s, though %s places it there"
                  .formatted(shard.file().path(), quote(place.getKey()), index.getFileName()));
        }
        tensors.put(place.getKey(), new Stored(shard, entry));
      }
      checkNoOthers(index, shards.values(), tensors);
      return new SafeTensors(index, List.copyOf(shards.values()), tensors);
    } catch (RuntimeException e) {
      shards.values().forEach(shard -> shard.file().close());
      throw e;
    }
  }

  private static String shardName(Path index, String tensor, JsonNode file) {
    String name = file.isTextual() ? file.textValue() : "";
    // Only plain names: a path could lead out of the directory.
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*")) {
      throw new FileException(
          "%s: tensor %s is in %s, expected the plain name of a file beside the index"
              .formatted(index, quote(tensor), FileException.clean(file.toString())));
    }
    return name;
  }

  private static void checkNoOthers(
      Path index, Collection<Shard> shards, Map<String, Stored> tensors) {
    for (Shard shard : shards) {
      for (Map.Entry<String, SafeTensorsHeader.Entry> entry : shard.header().tensors().entrySet()) {
        Stored placed = tensors.get(entry.getKey());
        if (placed == null || placed.shard() != shard) {
          throw new FileException(
              "%s: holds tensor %s, which %s does not place there"
                  .formatted(shard.file().path(), quote(entry.getKey()), index.getFileName()));
        }
      }
    }
  }

  private static Shard openShard(Path path) {
    PositionedFile file = PositionedFile.open(path, KIND);
    try {
      return readHeader(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Shard readHeader(PositionedFile file) {
    if (file.bytes() < Long.BYTES) {
      throw new FileException(
          "%s: %d bytes, expected %s of 8 or more".formatted(file.path(), file.bytes(), KIND));
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(0, MemorySegment.ofBuffer(length));
    long headerBytes = length.getLong(0);
    long most = Math.min(MAX_HEADER_BYTES, file.bytes() - Long.BYTES);
    if (headerBytes < 0 || headerBytes > most) {
      throw new FileException(
          "%s: header length is %s, expected at most %d: not a safetensors file, or cut short"
              .formatted(file.path(), Long.toUnsignedString(headerBytes), most));
    }
    byte[] json = new byte[(int) headerBytes];
    file.read(Long.BYTES, MemorySegment.ofArray(json));
    long dataBegin = Long.BYTES + headerBytes;
    return new Shard(
        file,
        SafeTensorsHeader.parse(json, file.path().toString(), file.bytes() - dataBegin),
        dataBegin);
  }

  @Override
  public String file() {
    return source.toString();
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  /** The strings under {@code __metadata__}; of several files together where there are several. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    shards.forEach(shard -> metadata.putAll(shard.header().metadata()));
    return metadata;
  }

  @Override
  public DType dtype(String name) {
    Stored tensor = tensor(name);
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(tensor.entry().dtype())) {
        return dtype;
      }
    }
    throw new FileException(
        "%s: tensor %s has elements %s, expected F32, F16, BF16, F64, I32 or I64"
            .formatted(tensor.path(), quote(name), quote(tensor.entry().dtype())));
  }

  @Override
  public Shape shape(String name) {
    return tensor(name).entry().shape();
  }

  @Override
  public boolean readFloats(String name, MemorySegment to) {
    Stored tensor = tensor(name);
    DType dtype = dtype(name);
    if (!FloatConversion.isFloat(dtype)) {
      throw new FileException(
          "%s: tensor %s has elements %s, expected F32, F16, BF16 or F64"
              .formatted(tensor.path(), quote(name), dtype));
    }
    long count = tensor.entry().shape().size();
    TensorSource.requireRoom(name, tensor.entry().shape(), to);
    int size = dtype.bytes();
    boolean finite = true;
    MemorySegment buffer =
        MemorySegment.ofBuffer(
            ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, tensor.bytes())));
    for (long first = 0; first < count; first += BUFFER_BYTES / size) {
      long now = Math.min(BUFFER_BYTES / size, count - first);
      MemorySegment raw = buffer.asSlice(0, now * size);
      tensor.read(first * size, raw);
      finite &= FloatConversion.widen(raw, dtype, to.asSlice(4 * first, 4 * now), now);
    }
    return finite;
  }

  /**
   * The raw bytes of a tensor, little-endian, of any type; a copy.
   *
   * @throws FileException if there is no such tensor or it has more than 2^31-1 bytes
   */
  public byte[] data(String name) {
    Stored tensor = tensor(name);
    if (tensor.bytes() > Integer.MAX_VALUE) {
      throw new FileException(
          "%s: tensor %s has %d bytes, expected at most %d"
              .formatted(tensor.path(), quote(name), tensor.bytes(), Integer.MAX_VALUE));
    }
    byte[] data = new byte[(int) tensor.bytes()];
    tensor.read(0, MemorySegment.ofArray(data));
    return data;
  }

  private Stored tensor(String name) {
    Stored tensor = tensors.get(name);
    if (tensor == null) {
      throw new FileException(source + ": no tensor " + quote(name));
    }
    return tensor;
  }

  @Override
  public void close() {
    shards.forEach(shard -> shard.file().close());
  }
}
