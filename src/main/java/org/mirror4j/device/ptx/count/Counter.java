package org.mirror4j.device.ptx.count;

/** What is counted per launch and per line. */
public enum Counter {
  /** Instructions issued to a warp, also where the guard is false for all of its lanes. */
  WARP_INSTRUCTIONS("warpInstructions"),
  /** The same times the lanes that were there. */
  THREAD_INSTRUCTIONS("threadInstructions"),
  /** The same times the lanes whose guard was true. */
  PREDICATED_ON_THREAD_INSTRUCTIONS("predicatedOnThreadInstructions"),
  /** Warp instructions of {@link InstructionClass#FMA}. */
  FMA_INSTRUCTIONS("fmaInstructions"),
  /** Warp instructions of {@link InstructionClass#ALU}. */
  ALU_INSTRUCTIONS("aluInstructions"),
  /** Warp instructions of {@link InstructionClass#SFU}. */
  SFU_INSTRUCTIONS("sfuInstructions"),
  /** Warp instructions of {@link InstructionClass#F64}. */
  F64_INSTRUCTIONS("f64Instructions"),
  /** Warp instructions of {@link InstructionClass#LOAD_STORE}. */
  LOAD_STORE_INSTRUCTIONS("loadStoreInstructions"),
  /** Warp instructions of {@link InstructionClass#SHUFFLE}. */
  SHUFFLE_INSTRUCTIONS("shuffleInstructions"),
  /** Warp instructions of {@link InstructionClass#TENSOR}. */
  TENSOR_INSTRUCTIONS("tensorInstructions", false),
  /** Additions and multiplications of these: two for each product of elements. */
  TENSOR_OPERATIONS("tensorOperations", false),
  /** Warp instructions of {@link InstructionClass#CONTROL}. */
  CONTROL_INSTRUCTIONS("controlInstructions"),
  /** Branches at which lanes of a warp went both ways. */
  DIVERGENT_BRANCHES("divergentBranches"),
  /** Warp instructions that load from global memory for at least one lane. */
  GLOBAL_LOAD_REQUESTS("globalLoadRequests"),
  /** Aligned pieces of 32 bytes that the lanes of each such request touch. */
  GLOBAL_LOAD_SECTORS("globalLoadSectors"),
  /** As few sectors as the distinct bytes of each such request could lie in. */
  GLOBAL_LOAD_IDEAL_SECTORS("globalLoadIdealSectors"),
  /** Warp instructions that store to global memory for at least one lane. */
  GLOBAL_STORE_REQUESTS("globalStoreRequests"),
  /** As for loads. */
  GLOBAL_STORE_SECTORS("globalStoreSectors"),
  /** As for loads. */
  GLOBAL_STORE_IDEAL_SECTORS("globalStoreIdealSectors"),
  /** Warp instructions that access shared memory for at least one lane. */
  SHARED_REQUESTS("sharedRequests"),
  /** Passes through shared memory: in one, each of 32 banks gives one word of 4 bytes. */
  SHARED_WAVEFRONTS("sharedWavefronts"),
  /** Passes beyond those that the number of distinct words needs: bank conflicts. */
  SHARED_EXCESS_WAVEFRONTS("sharedExcessWavefronts"),
  /** Atomic warp instructions, in global and shared memory. */
  ATOMICS("atomics"),
  /** Lanes of an atomic instruction at an address that an earlier lane of it is at as well. */
  ATOMIC_COLLISIONS("atomicCollisions"),
  /** Barriers of the CTA, counted once a warp. */
  BARRIERS("barriers");

  private final String label;

  private final boolean always;

  Counter(String label) {
    this(label, true);
  }

  Counter(String label, boolean always) {
    this.label = label;
    this.always = always;
  }

  /** Whether files have it where it is 0, too. */
  boolean always() {
    return always;
  }

  /** The name in files and listings. */
  public String label() {
    return label;
  }
}
