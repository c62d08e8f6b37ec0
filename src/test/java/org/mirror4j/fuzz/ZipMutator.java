package org.mirror4j.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.mirror4j.convert.WeightFiles;

/** Damages a file of a zip archive, which stays whole, or a field of the archive. */
final class ZipMutator implements Mutator {
  private final Mutator inner;

  /**
   * A mutator of archives.
   *
   * @param inner damages a file in it
   */
  ZipMutator(Mutator inner) {
    this.inner = inner;
  }

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      return field(content, random);
    }
    try {
      Map<String, byte[]> files = unpack(content);
      if (!files.isEmpty()) {
        List<String> names = new ArrayList<>(files.keySet());
        // The pickle stands first.
        String name = names.get(random.nextInt(3) > 0 ? 0 : random.nextInt(names.size()));
        files.put(name, inner.mutate(files.get(name), files.get(names.getLast()), random));
        return WeightFiles.zip(files, random.nextInt(4) == 0);
      }
    } catch (IOException | RuntimeException e) {
      // No archive any more.
    }
    return ByteMutator.PLAIN.mutate(content, other, random);
  }

  /** Sets two or four bytes shortly after a signature. */
  private static byte[] field(byte[] content, SplittableRandom random) {
    List<Integer> signatures = new ArrayList<>();
    for (int i = 0; i + 4 <= content.length; i++) {
      if (content[i] == 'P' && content[i + 1] == 'K' && content[i + 2] < 9) {
        signatures.add(i);
      }
    }
    if (signatures.isEmpty()) {
      return ByteMutator.PLAIN.mutate(content, content, random);
    }
    int at = signatures.get(random.nextInt(signatures.size())) + 4 + random.nextInt(44);
    byte[] changed = content.clone();
    long value = ByteMutator.number(random);
    for (int i = 0; i < (random.nextBoolean() ? 2 : 4) && at + i < changed.length; i++) {
      changed[at + i] = (byte) (value >>> 8 * i);
    }
    return changed;
  }

  private static Map<String, byte[]> unpack(byte[] content) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(content))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(entry.getName(), zip.readNBytes(1 << 16));
      }
    }
    return files;
  }

  /** The same files in an archive of the same bytes at any time. */
  static byte[] repack(byte[] content, boolean deflate) {
    try {
      return WeightFiles.zip(unpack(content), deflate);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
