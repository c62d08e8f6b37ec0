package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jcuda.driver.CUresult;

/**
 * NVIDIA's driver as far as the engine calls it. It is as lazy as a driver may be: work put into a
 * stream is done when something waits for it and not before, so that host memory which is reused
 * too early shows. Every handle is accounted for.
 */
public final class StandInDriver extends StandIn {
  static final int INVALID_VALUE = 1;
  static final int OUT_OF_MEMORY = 2;
  static final int NO_DEVICE = 100;
  static final int INVALID_PTX = 218;
  static final int ILLEGAL_ADDRESS = 700;
  static final int STREAM_CAPTURE_UNSUPPORTED = 900;
  static final int UNKNOWN = 999;

  private static final int ERROR_LOG_BUFFER = 5;
  private static final int COMPUTE_CAPABILITY_MAJOR = 75;
  private static final int COMPUTE_CAPABILITY_MINOR = 76;

  /** The card's memory, and what executes kernels on it. */
  public interface Machine {
    /** The address of a block of memory, a multiple of 256. */
    long allocate(long bytes);

    void free(long address);

    /** Says that a copy or a library has written memory. */
    void written(long address, long bytes);

    /**
     * Assembles a module.
     *
     * @throws IllegalArgumentException with the assembler's message if it cannot be
     */
    Module assemble(String ptx);

    /** An assembled module with one entry. */
    interface Module {
      String entry();

      /** Bytes of each parameter. */
      List<Integer> parameterBytes();

      /** Executes a launch; a thrown exception is an illegal access. */
      void launch(int grid, int block, int sharedBytes, long[] arguments);
    }
  }

  /** A card: what the driver says of it. */
  record Card(String name, int major, int minor, long memoryBytes) {}

  private record Context(int device) {}

  /** Work in order; while it is recorded, {@code recorded} takes what is put in. */
  private static final class Stream {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private List<Runnable> recorded;

    public void put(Runnable work) {
      if (recorded == null) {
        waiting.add(work);
      } else {
        recorded.add(work);
      }
    }
  }

  private record Graph(List<Runnable> work) {}

  private record ExecutableGraph(List<Runnable> work) {}

  private static final class Event {
    private Stream stream;
    private boolean pending;
    private long tick;
  }

  /** Everything that must be given back. */
  private final Map<Long, Object> handles = new LinkedHashMap<>();

  private final TreeMap<Long, Long> deviceMemory = new TreeMap<>();
  private final TreeMap<Long, Long> hostMemory = new TreeMap<>();
  private final Map<Long, Arena> pinned = new LinkedHashMap<>();
  private final Arena strings = Arena.ofShared();
  private final Machine machine;
  private List<Card> cards = List.of(new Card("Stand-in 2080", 7, 5, 1 << 28));
  private int version = 12060;
  private long nextHandle = 0x1000;
  private long ticks;
  private int asynchronousFailure;
  private RuntimeException asynchronousCause;
  private long used;

  StandInDriver(Machine machine) {
    super(UNKNOWN);
    this.machine = machine;
  }

  /** Changes what cards there are. */
  void setCards(Card... cards) {
    this.cards = List.of(cards);
  }

  /** Changes what the driver serves, as 12040 for CUDA 12.4. */
  void setVersion(int version) {
    this.version = version;
  }

  /** Requires that everything was given back. */
  public void assertNothingLeft() {
    assertThat(handles).isEmpty();
    assertThat(deviceMemory).isEmpty();
    assertThat(hostMemory).isEmpty();
  }

  private <T> T handle(long handle, Class<T> type) {
    Object found = handles.get(handle);
    if (!type.isInstance(found)) {
      throw new IllegalArgumentException(
          "handle 0x%x is %s, expected %s".formatted(handle, found, type.getSimpleName()));
    }
    return type.cast(found);
  }

  private int open(long to, Object object) {
    handles.put(nextHandle, object);
    setLong(to, nextHandle);
    nextHandle += 0x10;
    return 0;
  }

  private int close(long handle, Class<?> type) {
    handle(handle, type);
    handles.remove(handle);
    return 0;
  }

  /** What ended a launch, null if nothing has. */
  RuntimeException asynchronousCause() {
    return asynchronousCause;
  }

  private void drain(Stream stream) {
    while (!stream.waiting.isEmpty()) {
      doNext(stream);
    }
  }

  private void doNext(Stream stream) {
    Runnable work = stream.waiting.remove();
    if (asynchronousFailure == 0) {
      try {
        work.run();
      } catch (RuntimeException failure) {
        asynchronousFailure = ILLEGAL_ADDRESS;
        asynchronousCause = failure;
      }
    }
  }

  private void drainAll() {
    handles.values().stream()
        .filter(Stream.class::isInstance)
        .forEach(stream -> drain((Stream) stream));
  }

  private static void requireRange(TreeMap<Long, Long> memory, long address, long bytes) {
    Map.Entry<Long, Long> block = memory.floorEntry(address);
    if (block == null || bytes < 0 || address + bytes > block.getKey() + block.getValue()) {
      throw new IllegalArgumentException(
          "%d bytes at 0x%x are not inside %s".formatted(bytes, address, memory));
    }
  }

  /** Puts work into a stream, as a library does that was given the stream. */
  public void put(long stream, Runnable work) {
    handle(stream, Stream.class).put(work);
  }

  /** Says that work in a stream has written memory of the card. */
  public void written(long address, long bytes) {
    requireRange(deviceMemory, address, bytes);
    machine.written(address, bytes);
  }

  // ---- driver, cards, context

  int cuInit(int flags) {
    return cards.isEmpty() ? NO_DEVICE : 0;
  }

  int cuDriverGetVersion(long to) {
    setInt(to, version);
    return 0;
  }

  int cuGetErrorName(int code, long to) {
    setLong(to, strings.allocateFrom(CUresult.stringFor(code)).address());
    return 0;
  }

  int cuGetErrorString(int code, long to) {
    setLong(to, strings.allocateFrom("text of " + code).address());
    return 0;
  }

  int cuDeviceGetCount(long to) {
    setInt(to, cards.size());
    return 0;
  }

  int cuDeviceGet(long to, int ordinal) {
    setInt(to, ordinal);
    return ordinal < cards.size() ? 0 : 101;
  }

  int cuDeviceGetName(long to, int bytes, int device) {
    ALL.setString(to, cards.get(device).name());
    return 0;
  }

  int cuDeviceTotalMem_v2(long to, int device) {
    setLong(to, cards.get(device).memoryBytes());
    return 0;
  }

  int cuDeviceGetAttribute(long to, int attribute, int device) {
    switch (attribute) {
      case COMPUTE_CAPABILITY_MAJOR -> setInt(to, cards.get(device).major());
      case COMPUTE_CAPABILITY_MINOR -> setInt(to, cards.get(device).minor());
      default -> {
        return INVALID_VALUE;
      }
    }
    return 0;
  }

  int cuDevicePrimaryCtxRetain(long to, int device) {
    return open(to, new Context(device));
  }

  int cuDevicePrimaryCtxRelease_v2(int device) {
    handles.values().remove(new Context(device));
    return 0;
  }

  int cuCtxSetCurrent(long context) {
    handle(context, Context.class);
    return 0;
  }

  // ---- memory

  int cuMemAlloc_v2(long to, long bytes) {
    if (bytes <= 0) {
      return INVALID_VALUE;
    }
    if (used + bytes > cards.getFirst().memoryBytes()) {
      return OUT_OF_MEMORY;
    }
    long address = machine.allocate(bytes);
    deviceMemory.put(address, bytes);
    used += bytes;
    setLong(to, address);
    return 0;
  }

  int cuMemFree_v2(long address) {
    drainAll();
    used -= deviceMemory.remove(address);
    machine.free(address);
    return 0;
  }

  int cuMemGetInfo_v2(long free, long total) {
    setLong(free, cards.getFirst().memoryBytes() - used);
    setLong(total, cards.getFirst().memoryBytes());
    return 0;
  }

  int cuMemAllocHost_v2(long to, long bytes) {
    Arena arena = Arena.ofShared();
    long address = arena.allocate(bytes, 256).address();
    pinned.put(address, arena);
    hostMemory.put(address, bytes);
    setLong(to, address);
    return 0;
  }

  int cuMemFreeHost(long address) {
    drainAll();
    hostMemory.remove(address);
    pinned.remove(address).close();
    return 0;
  }

  int cuMemcpyHtoDAsync_v2(long to, long from, long bytes, long stream) {
    requireRange(deviceMemory, to, bytes);
    requireRange(hostMemory, from, bytes);
    put(
        stream,
        () -> {
          MemorySegment.copy(ALL, from, ALL, to, bytes);
          machine.written(to, bytes);
        });
    return 0;
  }

  int cuMemcpyDtoHAsync_v2(long to, long from, long bytes, long stream) {
    requireRange(deviceMemory, from, bytes);
    requireRange(hostMemory, to, bytes);
    put(stream, () -> MemorySegment.copy(ALL, from, ALL, to, bytes));
    return 0;
  }

  int cuMemcpyDtoDAsync_v2(long to, long from, long bytes, long stream) {
    requireRange(deviceMemory, from, bytes);
    requireRange(deviceMemory, to, bytes);
    put(
        stream,
        () -> {
          MemorySegment.copy(ALL, from, ALL, to, bytes);
          machine.written(to, bytes);
        });
    return 0;
  }

  int cuMemsetD32Async(long to, int word, long words, long stream) {
    requireRange(deviceMemory, to, 4 * words);
    put(
        stream,
        () -> {
          for (long i = 0; i < words; i++) {
            setInt(to + 4 * i, word);
          }
          machine.written(to, 4 * words);
        });
    return 0;
  }

  // ---- kernels

  int cuModuleLoadDataEx(long to, long image, int count, long options, long values) {
    try {
      return open(to, machine.assemble(getString(image)));
    } catch (IllegalArgumentException refused) {
      for (int i = 0; i < count; i++) {
        if (getInt(options + 4L * i) == ERROR_LOG_BUFFER) {
          ALL.setString(getLong(values + 8L * i), refused.getMessage());
        }
      }
      return INVALID_PTX;
    }
  }

  int cuModuleGetFunction(long to, long module, long name) {
    Machine.Module loaded = handle(module, Machine.Module.class);
    if (!loaded.entry().equals(getString(name))) {
      return 500;
    }
    // A function goes with its module: the module's own handle serves.
    setLong(to, module);
    return 0;
  }

  int cuModuleUnload(long module) {
    drainAll();
    return close(module, Machine.Module.class);
  }

  int cuLaunchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long parameters,
      long extra) {
    if (gridX < 1 || gridY != 1 || gridZ != 1 || blockX < 1 || blockY != 1 || blockZ != 1) {
      return INVALID_VALUE;
    }
    Machine.Module module = handle(function, Machine.Module.class);
    List<Integer> bytes = module.parameterBytes();
    long[] arguments = new long[bytes.size()];
    for (int i = 0; i < arguments.length; i++) {
      long address = getLong(parameters + 8L * i);
      // Copied now: the caller may change them when the call has returned.
      arguments[i] = bytes.get(i) == 8 ? getLong(address) : getInt(address);
    }
    handle(stream, Stream.class).put(() -> module.launch(gridX, blockX, sharedBytes, arguments));
    return 0;
  }

  // ---- streams, events, graphs

  int cuStreamCreate(long to, int flags) {
    return open(to, new Stream());
  }

  int cuStreamDestroy_v2(long stream) {
    return close(stream, Stream.class);
  }

  int cuStreamSynchronize(long handle) {
    Stream stream = handle(handle, Stream.class);
    if (stream.recorded != null) {
      return STREAM_CAPTURE_UNSUPPORTED;
    }
    drain(stream);
    return asynchronousFailure;
  }

  int cuStreamBeginCapture_v2(long stream, int mode) {
    handle(stream, Stream.class).recorded = new ArrayList<>();
    return 0;
  }

  int cuStreamEndCapture(long handle, long to) {
    Stream stream = handle(handle, Stream.class);
    Graph graph = new Graph(List.copyOf(stream.recorded));
    stream.recorded = null;
    return open(to, graph);
  }

  int cuGraphInstantiateWithFlags(long to, long graph, long flags) {
    return open(to, new ExecutableGraph(handle(graph, Graph.class).work()));
  }

  int cuGraphDestroy(long graph) {
    return close(graph, Graph.class);
  }

  int cuGraphLaunch(long executable, long stream) {
    ExecutableGraph graph = handle(executable, ExecutableGraph.class);
    graph.work().forEach(handle(stream, Stream.class)::put);
    return 0;
  }

  int cuGraphExecDestroy(long executable) {
    return close(executable, ExecutableGraph.class);
  }

  int cuEventCreate(long to, int flags) {
    return open(to, new Event());
  }

  int cuEventDestroy_v2(long event) {
    return close(event, Event.class);
  }

  int cuEventRecord(long handle, long stream) {
    Event event = handle(handle, Event.class);
    event.stream = handle(stream, Stream.class);
    event.pending = true;
    event.stream.put(
        () -> {
          event.pending = false;
          event.tick = ++ticks;
        });
    return 0;
  }

  int cuStreamWaitEvent(long stream, long handle, int flags) {
    // The event as it is recorded now, whatever is recorded in it afterwards.
    Event event = handle(handle, Event.class);
    Event awaited = new Event();
    awaited.stream = event.stream;
    awaited.pending = true;
    event.stream.put(() -> awaited.pending = false);
    handle(stream, Stream.class).put(() -> await(awaited));
    return 0;
  }

  private void await(Event event) {
    while (event.pending && !event.stream.waiting.isEmpty()) {
      doNext(event.stream);
    }
  }

  int cuEventSynchronize(long handle) {
    await(handle(handle, Event.class));
    return asynchronousFailure;
  }

  int cuEventElapsedTime(long to, long start, long end) {
    float millis = handle(end, Event.class).tick - handle(start, Event.class).tick;
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, to, millis);
    return 0;
  }
}
