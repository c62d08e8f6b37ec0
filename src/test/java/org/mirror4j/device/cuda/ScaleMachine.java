package org.mirror4j.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A card that knows one kernel, {@code scale}. */
public final class ScaleMachine implements StandInDriver.Machine {
  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)");
  private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+\\.[usf](\\d+)");

  private final Map<Long, Arena> blocks = new HashMap<>();

  @Override
  public long allocate(long bytes) {
    Arena arena = Arena.ofShared();
    long address = arena.allocate(bytes, 256).address();
    blocks.put(address, arena);
    return address;
  }

  @Override
  public void free(long address) {
    blocks.remove(address).close();
  }

  @Override
  public void written(long address, long bytes) {}

  @Override
  public StandInDriver.Machine.Module assemble(String ptx) {
    Matcher entry = ENTRY.matcher(ptx);
    if (!entry.find()) {
      throw new IllegalArgumentException("line 1; fatal   : no entry");
    }
    List<Integer> bytes =
        PARAMETER.matcher(ptx).results().map(r -> Integer.parseInt(r.group(1)) / 8).toList();
    return new Scale(entry.group(1), bytes);
  }

  private record Scale(String entry, List<Integer> parameterBytes)
      implements StandInDriver.Machine.Module {
    @Override
    public void launch(int grid, int block, int sharedBytes, long[] arguments) {
      float factor = Float.intBitsToFloat((int) arguments[2]);
      if (Float.isNaN(factor)) {
        throw new IllegalArgumentException("an access out of bounds");
      }
      for (long i = 0; i < Math.min(arguments[1], 4L * grid * block); i++) {
        long address = arguments[0] + 4 * i;
        float x = StandIn.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
        StandIn.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, factor * x);
      }
    }
  }
}
