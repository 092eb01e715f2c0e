package equipment

import (
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/tree"
)

var queries = tree.Queries[string]{
	GetLive: tree.LiveNodes((*nmsdb.Queries).EquipmentGetLive),
	Hold:    tree.Hold[string]((*nmsdb.Queries).EquipmentHold), LockShape: (*nmsdb.Queries).EquipmentLockTree,
	Insert:  tree.Insert[string]((*nmsdb.Queries).EquipmentInsert),
	Update:  tree.Update[string]((*nmsdb.Queries).EquipmentUpdate),
	Rename:  tree.Rename[string]((*nmsdb.Queries).EquipmentRename),
	Archive: (*nmsdb.Queries).EquipmentArchive, Restore: (*nmsdb.Queries).EquipmentRestore,
	Present: tree.Present[string]((*nmsdb.Queries).EquipmentCurrent), Past: tree.Past((*nmsdb.Queries).EquipmentHistory),
	All:     tree.All((*nmsdb.Queries).EquipmentList),
	ByID:    tree.Choose((*nmsdb.Queries).EquipmentListByID),
	ByName:  tree.Choose((*nmsdb.Queries).EquipmentListByName),
	Subtree: tree.Choose((*nmsdb.Queries).EquipmentListSubtree), SubtreeByName: tree.Choose((*nmsdb.Queries).EquipmentListSubtreeByName),
	Search: tree.Choose((*nmsdb.Queries).EquipmentSearch), Names: tree.Names((*nmsdb.Queries).EquipmentNames),
	Children: tree.Refs((*nmsdb.Queries).EquipmentChildren), ChildCount: (*nmsdb.Queries).EquipmentChildrenCount,
	Descendants: (*nmsdb.Queries).EquipmentDescendantsCount,
	Commands:    tree.Refs((*nmsdb.Queries).CommandsOfEquipment), CommandCount: (*nmsdb.Queries).CommandsOfEquipmentCount,
}

// getMany gives the nodes that exist, archived ones too, in the order of the tree.
var getMany = tree.Nodes((*nmsdb.Queries).EquipmentGetMany)
