public import Bitcoin
public typealias AddressChain = Chain
